//! The service, spoken to in HTTP: `POST /NAME` with a poem, `GET /` for the names. Here a client
//! is told what was wrong.

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::service::{TransformError, TransformService};

impl IntoResponse for TransformError {
    fn into_response(self) -> Response {
        let status = match self {
            TransformError::Unknown(_) => StatusCode::NOT_FOUND,
            TransformError::TooLong { .. } | TransformError::NoSonnet { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        };
        (status, format!("{self}\n")).into_response()
    }
}

/// What has to be beside a body in what a client sends: its headers, and the sizes of its chunks.
pub(crate) fn limit(service: &TransformService) -> usize {
    2 * service.limit() + 16 * 1024
}

async fn names(State(service): State<Arc<TransformService>>) -> String {
    service
        .done()
        .fold(String::new(), |mut names, (name, done)| {
            let _ = writeln!(names, "{name} {done}");
            names
        })
}

async fn transform(
    State(service): State<Arc<TransformService>>,
    Path(name): Path<String>,
    poem: String,
) -> Result<String, TransformError> {
    service.transform(&name, poem).await
}

/// One request for each connection, so that the limits of a connection are those of a request; and
/// a poem that is declared too long is refused at once.
async fn limited(
    State(service): State<Arc<TransformService>>,
    request: Request,
    next: Next,
) -> Response {
    let limit = service.limit();
    let mut response = if request.body().size_hint().lower() > limit as u64 {
        let why = format!("a poem of more than {limit} bytes\n");
        (StatusCode::PAYLOAD_TOO_LARGE, why).into_response()
    } else {
        next.run(request).await
    };
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

pub(crate) fn router(service: Arc<TransformService>) -> Router {
    Router::new()
        .route("/", get(names))
        .route("/{name}", post(transform))
        .layer(DefaultBodyLimit::max(service.limit()))
        .layer(from_fn_with_state(service.clone(), limited))
        .with_state(service)
}
