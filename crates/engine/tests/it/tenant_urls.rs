//! Tenant URLs, and what their flags mean.

use expect_test::expect;
use provost_engine::TenantUrl;

fn shown(text: &str) -> String {
    match TenantUrl::parse(text) {
        Ok(url) => {
            let on_demand = url.dialect_on_demand();
            format!(
                "{} {:?}, on demand {on_demand:?}{}",
                url.base(),
                url.dialect(),
                if url.is_https() { "" } else { ", plain" }
            )
        }
        Err(problem) => format!("error: {problem}"),
    }
}

#[test]
fn a_tenant_url_is_a_base_and_flags_that_choose_the_dialect() {
    let cases = [
        "https://web.fulcrumapp.com/scim",
        "https://h.example/scim/?aadOptscim062020",
        "https://h.example/scim?aadOptscim062020",
        "https://h.example/scim?aadoptscim062020=",
        "https://h.example/scim?AzureAdScimPatch2017",
        "https://h.example:8443/scim/v2//",
        " http://127.0.0.1:8080/scim/v2 ",
        "https://h.example",
        "https://h.example/scim?aadOptscim062020&AzureAdScimPatch2017",
        "https://h.example/scim?tenant=7",
        "https://name:secret@h.example/scim",
        "https://h.example/scim#Users",
        "ftp://h.example/scim",
        "h.example/scim",
        "",
    ];
    let shown: String = cases.iter().map(|case| format!("{case}\n  {}\n", shown(case))).collect();
    expect![[r#"
        https://web.fulcrumapp.com/scim
          https://web.fulcrumapp.com/scim Legacy, on demand Legacy
        https://h.example/scim/?aadOptscim062020
          https://h.example/scim Compliant, on demand Legacy
        https://h.example/scim?aadOptscim062020
          https://h.example/scim Compliant, on demand Legacy
        https://h.example/scim?aadoptscim062020=
          https://h.example/scim Compliant, on demand Legacy
        https://h.example/scim?AzureAdScimPatch2017
          https://h.example/scim Legacy, on demand Legacy
        https://h.example:8443/scim/v2//
          https://h.example:8443/scim/v2 Legacy, on demand Legacy
         http://127.0.0.1:8080/scim/v2 
          http://127.0.0.1:8080/scim/v2 Legacy, on demand Legacy, plain
        https://h.example
          https://h.example Legacy, on demand Legacy
        https://h.example/scim?aadOptscim062020&AzureAdScimPatch2017
          error: the tenant URL has both flags, which contradict each other; keep one of them
        https://h.example/scim?tenant=7
          error: the tenant URL's query holds something else than a flag; the flags are aadOptscim062020 and AzureAdScimPatch2017
        https://name:secret@h.example/scim
          error: the tenant URL holds a name or password; the secret token is what authenticates
        https://h.example/scim#Users
          error: the tenant URL holds a `#`; leave out what stands behind it
        ftp://h.example/scim
          error: the tenant URL must begin with https:// and name a host
        h.example/scim
          error: the tenant URL is not a URL (relative URL without a base); write it as https://host/scim

          error: the tenant URL is not a URL (relative URL without a base); write it as https://host/scim
    "#]].assert_eq(&shown);
    assert!(TenantUrl::parse(&format!("https://h.example/{}", "a".repeat(2_000))).is_err());
}

#[test]
fn a_tenant_url_is_printed_as_it_is_read() {
    for text in
        ["https://h.example/scim?aadOptscim062020", "https://h.example/scim", "https://h.example?AzureAdScimPatch2017"]
    {
        let url = TenantUrl::parse(text).expect("it is read");
        assert_eq!(url.to_string(), text);
        assert_eq!(TenantUrl::parse(&url.to_string()).expect("it is read"), url);
    }
}
