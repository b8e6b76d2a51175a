//! Requests to identity providers: JSON that is read, forms that are sent, under the same rules as those to targets.

use super::{Outbound, Reach, TargetAnswer, TargetBase, TargetBaseError, TargetError, TargetReads};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
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
        self.exchange(self.asking(Method::GET, url)?).await
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
        let mut request = self.asking(Method::POST, url)?;
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        *request.body_mut() = Full::from(form);
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form);
        if let Some(client) = basic {
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = BASE64_STANDARD.encode(format!("{}:{}", encoded(client.id), encoded(client.secret)));
            let value = HeaderValue::try_from(format!("Basic {pair}"));
            let mut value = value.map_err(|error| TargetError::Connection(error.to_string()))?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        self.exchange(request).await
    }

    /// A request to a URL that may be asked.
    fn asking(&self, method: Method, url: &str) -> Result<Request<Full<Bytes>>, TargetError> {
        check_url(url, self.reach()).map_err(|error| TargetError::Forbidden(error.to_string()))?;
        let url = url::Url::parse(url).map_err(|error| TargetError::Forbidden(error.to_string()))?;
        let uri = Uri::try_from(url.as_str()).map_err(|error| TargetError::Forbidden(error.to_string()))?;
        let mut request = Request::new(Full::default());
        (*request.method_mut(), *request.uri_mut()) = (method, uri);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(request)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<TargetAnswer, TargetError> {
        super::exchange(&self.http()?, request, TargetReads::Whole, self.limits).await
    }
}
