//! The gateway over HTTP.

mod events;
mod guard;
mod input;
mod page;
pub(crate) mod refused;
mod whole;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};

use self::input::{Body, Id, NewPriority, NewRate, NewSms, NewWidth, Resume, of_query};
use self::refused::Refused;
use self::whole::Whole;
use crate::gateway::Gateway;
use crate::limits::MAX_BODY;
use crate::sms::Sms;
use crate::view::{JobView, State as Now, Status};

type Of = State<Arc<Gateway>>;
type Answer<T> = Result<Json<T>, Refused>;

/// With streams that never say nothing for as long as this patience.
pub(crate) fn router(gateway: Arc<Gateway>, patience: Duration) -> Router {
    let all_jobs = Whole::new();
    let all_dead = all_jobs.clone();
    Router::new()
        .route("/", get(page::page))
        .route("/healthz", get(health))
        .route("/events", get(move |of: Of| events::events(of, patience)))
        .route("/sms", post(accept))
        .route(
            "/jobs",
            get(move |of: Of, query: RawQuery| jobs(of, query, all_jobs)).delete(clear),
        )
        .route("/jobs/{id}", get(job).patch(reprioritise).delete(cancel))
        .route("/width", patch(width))
        .route("/rate", patch(rate))
        .route("/pause", post(pause))
        .route("/resume", post(resume))
        .route("/stop", post(stop))
        .route(
            "/dead",
            get(move |of: Of, query: RawQuery| dead(of, query, all_dead)),
        )
        .route("/dead/{id}", delete(drop_dead))
        .route("/dead/{id}/revive", post(revive))
        .fallback(async || Refused::unknown("there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Refused::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this address is not for this method",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(
            gateway.clone(),
            guard::guard,
        ))
        .with_state(gateway)
}

async fn accept(State(gateway): Of, Body(new): Body<NewSms>) -> Result<impl IntoResponse, Refused> {
    let sms = Sms::new(&new.number, &new.text).map_err(|wrong| Refused::bad(wrong.to_string()))?;
    let priority = input::priority(new.priority)?;
    let job = gateway.accept(sms, priority).await?;
    let location = format!("/jobs/{}", job.id);
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(job)))
}

async fn jobs(
    State(gateway): Of,
    RawQuery(query): RawQuery,
    whole: Whole,
) -> Result<Response, Refused> {
    let limit = input::limit(query.as_deref())?;
    let turn = whole.turn(limit)?;
    Ok(turn.answer(&gateway.overview(limit)))
}

async fn job(State(gateway): Of, Id(id): Id) -> Answer<JobView> {
    gateway.job(id).await.map(Json)
}

async fn reprioritise(
    State(gateway): Of,
    Id(id): Id,
    Body(new): Body<NewPriority>,
) -> Answer<JobView> {
    let priority = input::priority(new.priority)?;
    gateway.reprioritise(id, priority).await.map(Json)
}

async fn cancel(State(gateway): Of, Id(id): Id, RawQuery(query): RawQuery) -> Answer<JobView> {
    let underway = of_query(query.as_deref(), "underway") == Some("yes");
    gateway.cancel(id, underway).await.map(Json)
}

async fn clear(State(gateway): Of) -> Answer<Value> {
    let cancelled = gateway.clear().await?;
    Ok(Json(json!({"cancelled": cancelled})))
}

async fn width(State(gateway): Of, Body(new): Body<NewWidth>) -> Answer<Status> {
    gateway.set_width(input::width(new.width)?).map(Json)
}

async fn rate(State(gateway): Of, Body(new): Body<NewRate>) -> Answer<Status> {
    let rate = new.rate.map(input::rate).transpose()?;
    gateway.set_rate(rate).map(Json)
}

async fn pause(State(gateway): Of) -> Answer<Status> {
    gateway.pause().map(Json)
}

async fn resume(State(gateway): Of, body: Option<Body<Resume>>) -> Answer<Status> {
    let Body(resume) = body.unwrap_or(Body(Resume::default()));
    let width = resume.width.map(input::width).transpose()?;
    gateway.resume(width).map(Json)
}

async fn stop(State(gateway): Of) -> (StatusCode, Json<Status>) {
    (StatusCode::ACCEPTED, Json(gateway.ask_to_stop()))
}

async fn dead(
    State(gateway): Of,
    RawQuery(query): RawQuery,
    whole: Whole,
) -> Result<Response, Refused> {
    let limit = input::limit(query.as_deref())?;
    let turn = whole.turn(limit)?;
    let mut dead = gateway.dead().await?;
    dead.truncate(limit);
    Ok(turn.answer(&json!({"dead": dead})))
}

async fn revive(State(gateway): Of, Id(id): Id) -> Answer<JobView> {
    gateway.revive(id).await.map(Json)
}

async fn drop_dead(State(gateway): Of, Id(id): Id) -> Answer<Value> {
    gateway.drop_dead(id).await?;
    Ok(Json(json!({"id": id})))
}

/// Whether it takes messages.
async fn health(State(gateway): Of) -> (StatusCode, Json<Status>) {
    let status = gateway.status();
    let code = match status.state {
        Now::Stopping | Now::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        Now::Running | Now::Pausing | Now::Paused => StatusCode::OK,
    };
    (code, Json(status))
}
