//! A loopback portal that answers as a test tells it to, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub head: String,
    pub body: Vec<u8>,
}

impl Asked {
    /// Value of a form field; the first match in urlencoded text.
    pub fn field(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        text.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).map(str::to_owned)
    }

    /// The bytes of the part called `file` in a multipart body.
    pub fn file(&self) -> &[u8] {
        let find = |needle: &[u8], from: usize| {
            self.body[from..].windows(needle.len()).position(|window| window == needle).map(|at| at + from)
        };
        let part = find(b"name=\"file\"", 0).expect("a file part");
        let start = find(b"\r\n\r\n", part).expect("the end of its head") + 4;
        let end = self.body.len() - self.body.rsplit(|byte| *byte == b'\n').nth(1).map_or(0, <[u8]>::len);
        // The body ends with `\r\n--boundary--\r\n`.
        &self.body[start..end - 3]
    }
}

/// What the portal does with a request.
pub enum Answer {
    /// HTTP 200 with this JSON.
    Json(String),
    /// Another status, with further header lines and a body.
    Status(u16, String, String),
    /// Closes the connection.
    Hang,
    /// Never answers.
    Silence,
    /// HTTP 200 and a body without end.
    Endless,
}

pub struct Fake {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// Starts a portal; `answer` gets every request and the number of requests before it.
    pub async fn start(answer: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/portal", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    if let Some(request) = read(stream).await {
                        let (request, stream) = request;
                        let before = {
                            let mut log = log.lock().expect("the log");
                            log.push(request.clone());
                            log.len() - 1
                        };
                        write(stream, answer(&request, before)).await;
                    }
                });
            }
        });
        Self { url, asked }
    }

    /// The requests so far whose path ends in `suffix`.
    pub fn asked(&self, suffix: &str) -> Vec<Asked> {
        let log = self.asked.lock().expect("the log");
        log.iter()
            .filter(|asked| asked.path.split('?').next().unwrap_or("").ends_with(suffix))
            .cloned()
            .collect()
    }

    /// Paths of all requests.
    pub fn paths(&self) -> Vec<String> {
        let log = self.asked.lock().expect("the log");
        log.iter().map(|asked| asked.path.split("/sharing/rest/").last().unwrap_or("").to_owned()).collect()
    }
}

async fn read(stream: TcpStream) -> Option<(Asked, TcpStream)> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(reader.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().expect("a length"))];
    reader.read_exact(&mut body).await.ok()?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    Some((Asked { path, head, body }, reader.into_inner()))
}

async fn write(mut stream: TcpStream, answer: Answer) {
    let (status, headers, body) = match answer {
        Answer::Json(body) => (200, "Content-Type: application/json\r\n".to_owned(), body),
        Answer::Status(status, headers, body) => (status, headers, body),
        Answer::Hang => return,
        Answer::Silence => return std::future::pending().await,
        Answer::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
            let junk = vec![b' '; 1 << 20];
            while stream.write_all(&junk).await.is_ok() {}
            return;
        }
    };
    let text = format!(
        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}
