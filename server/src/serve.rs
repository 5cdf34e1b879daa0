//! `refundry serve`: the HTTP server and the worker, until a signal ends both.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::Extension;
use engine::{Engine, OpenError};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::api::Limits;
use crate::attempts::ClientAddress;
use crate::cli::Serve;
use crate::config::{Config, ConfigError};
use crate::demo::{self, DemoError};
use crate::live::Stopping;
use crate::metrics::Metrics;
use crate::router::router;

/// How long requests and jobs in progress may take to finish once a signal came.
const FAREWELL_SECS_MAX: Duration = Duration::from_secs(10);

/// Why the server does not start, or stopped.
#[derive(Debug, Error)]
pub enum ServeError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The demo cannot be set up.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Another program listens there.
    #[error("{listen} is in use: stop what listens there, or choose another port with {setting}, such as 127.0.0.1:3001")]
    InUse {
        /// Where.
        listen: SocketAddr,
        /// The variable that says so.
        setting: &'static str,
    },
    /// The operating system refused.
    #[error("cannot listen on {listen}: {cause}; {setting} chooses another address")]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// The variable that says so.
        setting: &'static str,
        /// What it said.
        cause: std::io::Error,
    },
    /// The operating system failed later.
    #[error("the server stopped: {0}")]
    Stopped(std::io::Error),
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`ServeError`] when it cannot start.
pub async fn run(file: Option<&Path>, options: &Serve) -> Result<(), ServeError> {
    let folder = Path::new(demo::FOLDER);
    let config = if options.demo { Config::demo(folder)? } else { Config::load(file)? };
    let listen = config.listen;
    // Before the database is touched: a second start by mistake should say so and change nothing.
    let listener = if options.worker_only { None } else { Some(bind(listen, "REFUNDRY_LISTEN").await?) };
    let metrics_listener = match config.metrics_listen {
        Some(listen) => Some(bind(listen, "REFUNDRY_METRICS_LISTEN").await?),
        None => None,
    };
    let engine = Engine::open(config.engine).await?;
    if options.demo {
        let demo = demo::prepare(&engine, folder).await?;
        println!("{}", demo.banner(&engine.settings().public_url));
    }

    let (stop, stopped) = watch::channel(false);
    let worker = (!options.no_worker).then(|| {
        let engine = engine.clone();
        let stopped = until(stopped.clone());
        tokio::spawn(async move { engine.run_worker(stopped).await })
    });
    tokio::spawn(async move {
        signaled().await;
        tracing::info!("stopping: requests in progress are finished first; jobs go on at the next start");
        stop.send_replace(true);
    });
    let metrics = Metrics::new(engine.clone(), config.metrics_listen);
    if let Some(listener) = metrics_listener {
        // Ends with the process: there is nothing to finish.
        let app = metrics.route();
        tokio::spawn(async move { axum::serve(listener, app).await });
    }
    if let Some(listener) = listener {
        tracing::info!(%listen, public_url = engine.settings().public_url, "serving");
        let (noting, until_stopped) = (engine.clone(), until(stopped.clone()));
        tokio::spawn(async move { noting.note_serving(until_stopped).await });
        let app = router(&engine, &metrics)
            .layer(Extension(Stopping(stopped.clone())))
            .layer(Extension(ClientAddress(config.client_address_header)));
        let app = match config.api_requests_per_second {
            Some(limit) => app.layer(Extension(Limits::new(limit))),
            None => app,
        };
        let serving =
            axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(until(stopped.clone()));
        tokio::select! {
            ended = serving => ended.map_err(ServeError::Stopped)?,
            () = overdue(stopped.clone()) => tracing::warn!("some requests did not finish in time"),
        }
    }
    if let Some(worker) = worker {
        tokio::select! {
            ended = worker => if let Err(error) = ended { tracing::error!(%error, "the worker failed") },
            () = overdue(stopped) => tracing::warn!("some jobs did not finish in time: the next start takes them up"),
        }
    }
    Ok(())
}

async fn bind(listen: SocketAddr, setting: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(listen).await.map_err(|cause| match cause.kind() {
        ErrorKind::AddrInUse => ServeError::InUse { listen, setting },
        _ => ServeError::Listen { listen, setting, cause },
    })
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which stops as well.
    let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
}

async fn overdue(stopped: watch::Receiver<bool>) {
    until(stopped).await;
    tokio::time::sleep(FAREWELL_SECS_MAX).await;
}

async fn signaled() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tracing::error!("signals cannot be received: only SIGKILL stops this process");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
