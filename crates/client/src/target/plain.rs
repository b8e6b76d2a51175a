//! Requests to identity providers: JSON that is read, forms that are sent, under the same rules as those to targets.

use super::{Outbound, Reach, TargetAnswer, TargetBase, TargetBaseError, TargetError, answer, cause_of};
use reqwest::{
    Client, RequestBuilder, Url,
    header::{ACCEPT, CONTENT_TYPE},
};

/// Whether a URL may be asked, as far as that can be said without asking. It may have a query.
///
/// # Errors
/// What is wrong with it.
pub fn check_url(url: &str, reach: Reach) -> Result<(), TargetBaseError> {
    let base = url.split_once('?').map_or(url, |(base, _)| base);
    TargetBase::parse(base, reach).map(drop)
}

/// How a client says who it is at a token endpoint.
#[derive(Clone, Copy)]
pub struct ClientSecret<'c> {
    /// Its id.
    pub id: &'c str,
    /// Its secret.
    pub secret: &'c str,
}

impl Outbound {
    /// Reads a document. It is asked for once.
    ///
    /// # Errors
    /// A URL that may not be asked; when there is no answer.
    pub async fn read(&self, url: &str) -> Result<TargetAnswer, TargetError> {
        let (http, url) = self.checked(url)?;
        self.sent(http.get(url.clone()).header(ACCEPT, "application/json"), &url).await
    }

    /// Sends a form, authenticated as HTTP Basic where a secret is given (RFC 6749 §2.3.1). It is sent once.
    ///
    /// # Errors
    /// Those of [`Outbound::read`]; the other side may have done what was asked.
    pub async fn post_form(
        &self,
        url: &str,
        fields: &[(&str, &str)],
        basic: Option<ClientSecret<'_>>,
    ) -> Result<TargetAnswer, TargetError> {
        let (http, url) = self.checked(url)?;
        let form = |fields: &[(&str, &str)]| {
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
        };
        let mut request = http.post(url.clone()).header(ACCEPT, "application/json");
        if let Some(client) = basic {
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(client.id), Some(encoded(client.secret)));
        }
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form(fields));
        self.sent(request, &url).await
    }

    fn checked(&self, url: &str) -> Result<(Client, Url), TargetError> {
        check_url(url, self.reach()).map_err(|error| TargetError::Forbidden(error.to_string()))?;
        let url = Url::parse(url).map_err(|error| TargetError::Forbidden(error.to_string()))?;
        Ok((self.http()?, url))
    }

    async fn sent(&self, request: RequestBuilder, url: &Url) -> Result<TargetAnswer, TargetError> {
        let failed = |error: reqwest::Error| cause_of(&error, url, self.limits);
        let answered = request.send().await.map_err(failed)?;
        answer::read(answered, self.limits.answer_bytes).await.map_err(failed)
    }
}
