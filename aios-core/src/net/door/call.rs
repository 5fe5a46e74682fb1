//! One call and its answer.

use super::clients::Route;
use super::header::{HeaderMap, HeaderValue};
use super::{Body, Method, StatusCode};
use crate::net::Error;

/// What is asked.
#[derive(Debug)]
pub struct Call<'a> {
    /// How.
    pub method: Method,
    /// Where.
    pub url: &'a str,
    /// Sent as they are.
    pub headers: HeaderMap,
    /// At hand or streamed.
    pub body: Option<Body>,
}

impl<'a> Call<'a> {
    /// A question without a body.
    #[must_use]
    pub fn get(url: &'a str) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: None }
    }

    /// A form (RFC 1866 section 8.2.1).
    #[must_use]
    pub fn form(url: &'a str, fields: String) -> Self {
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(super::header::CONTENT_TYPE, form);
        Self { method: Method::POST, url, headers, body: Some(fields.into()) }
    }
}

/// What came: its body is still under way.
#[derive(Debug)]
pub struct Answer {
    response: reqwest::Response,
    most: usize,
    route: Route,
}

impl Answer {
    pub(super) fn of(response: reqwest::Response, most: usize, route: Route) -> Self {
        Self { response, most, route }
    }

    /// What the server says of it.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// As they came.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next part of the body, as it comes; none at its end. Nothing is unpacked.
    ///
    /// # Errors
    /// The connection broke, its time is over, or more came than may.
    pub async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, Error> {
        let chunk = self.response.chunk().await.map_err(|error| Error::of(&error, self.route))?;
        let length = chunk.as_deref().map_or(0, <[u8]>::len);
        self.most = self.most.checked_sub(length).ok_or(Error::BodyTooLarge)?;
        Ok(chunk)
    }

    /// The whole body.
    ///
    /// # Errors
    /// As [`Answer::chunk`].
    pub async fn body(mut self) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(chunk.as_ref());
        }
        Ok(body)
    }
}
