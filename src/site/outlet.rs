//! Answers that are sent while they are still being written.
//!
//! A resource runs on a thread that may block and usually returns its whole answer. One that grows
//! large takes the request's outlet instead: the head of the answer goes out, pieces follow, and
//! the thread waits while the client is slower than it. So an answer never stands in memory as a whole.

use std::io;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::{mpsc, oneshot};

/// Pieces that wait for a slow client.
const WAITING: usize = 4;

/// The way out for the pieces of one answer; it can be taken once.
#[derive(Debug, Default)]
pub struct Outlet(Mutex<Option<oneshot::Sender<Early>>>);

/// The head of an answer whose body is still being written.
#[derive(Debug)]
pub(crate) struct Early {
    content_type: &'static str,
    pieces: mpsc::Receiver<Piece>,
}

#[derive(Debug)]
enum Piece {
    Bytes(Bytes),
    End,
}

/// Where the pieces of an answer go. Dropped before [`Pieces::end`], it cuts the connection, so that
/// no client takes half an answer for a whole one.
#[derive(Debug)]
pub struct Pieces(mpsc::Sender<Piece>);

impl Outlet {
    /// Makes an outlet and what hears of its use.
    pub(crate) fn pair() -> (Self, oneshot::Receiver<Early>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Mutex::new(Some(sender))), receiver)
    }

    /// Sends the head of the answer; nothing where answers cannot be sent in pieces.
    pub fn open(&self, content_type: &'static str) -> Option<Pieces> {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let (pieces, receiver) = mpsc::channel(WAITING);
        sender.send(Early { content_type, pieces: receiver }).ok()?;
        Some(Pieces(pieces))
    }
}

impl Pieces {
    /// Sends a piece, waiting for a slow client. Only for threads that may block.
    ///
    /// # Errors
    /// When the client is gone.
    pub fn send(&self, bytes: Vec<u8>) -> io::Result<()> {
        self.push(Piece::Bytes(bytes.into()))
    }

    /// Ends the answer.
    ///
    /// # Errors
    /// When the client is gone.
    pub fn end(self) -> io::Result<()> {
        self.push(Piece::End)
    }

    fn push(&self, piece: Piece) -> io::Result<()> {
        self.0.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl IntoResponse for Early {
    fn into_response(self) -> Response {
        let pieces = futures_util::stream::unfold(Some(self.pieces), |pieces| async move {
            let mut pieces = pieces?;
            match pieces.recv().await {
                Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(pieces))),
                Some(Piece::End) => None,
                None => Some((Err(io::Error::from(io::ErrorKind::UnexpectedEof)), None)),
            }
        });
        // Compression asks once more after the end.
        let pieces = pieces.fuse();
        (
            [(header::CONTENT_TYPE, self.content_type), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")],
            Body::from_stream(pieces),
        )
            .into_response()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn pieces_arrive_in_order_and_an_answer_without_end_is_an_error() {
        for whole in [true, false] {
            let (outlet, early) = Outlet::pair();
            let writer = tokio::task::spawn_blocking(move || {
                let pieces = outlet.open("application/json").unwrap();
                assert!(outlet.open("application/json").is_none());
                for number in 0..50_u8 {
                    pieces.send(vec![number; 3]).unwrap();
                }
                if whole {
                    pieces.end().unwrap();
                }
            });
            let body = early.await.unwrap().into_response().into_body().collect().await;
            writer.await.unwrap();
            assert_eq!(body.is_ok(), whole);
            if let Ok(body) = body {
                assert_eq!(body.to_bytes().len(), 150);
            }
        }
    }

    #[tokio::test]
    async fn the_writer_hears_that_the_client_is_gone() {
        let (outlet, early) = Outlet::pair();
        let writer = tokio::task::spawn_blocking(move || {
            let pieces = outlet.open("application/json").unwrap();
            (0..1000).find_map(|_| pieces.send(vec![0; 9]).err())
        });
        drop(early.await.unwrap());
        assert_eq!(writer.await.unwrap().unwrap().kind(), io::ErrorKind::BrokenPipe);
    }
}
