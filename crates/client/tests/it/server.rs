//! An SMTP server for one connection that answers one command as it is told.

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub struct Server {
    pub port: u16,
    heard: JoinHandle<String>,
}

impl Server {
    /// Answers the command `at` (`.` is the end of the mail) with `reply`, an empty one by hanging up, and all others well.
    pub async fn start(at: &'static str, reply: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            talk(stream, at, reply).await
        });
        Self { port, heard }
    }

    /// Everything that the client said.
    pub async fn heard(self) -> String {
        self.heard.await.unwrap()
    }
}

async fn talk(stream: TcpStream, at: &str, reply: &str) -> String {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut heard, mut in_mail) = (String::new(), false);
    writer.write_all(b"220 ready\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        heard.push_str(&line);
        heard.push('\n');
        if in_mail && line != "." {
            continue;
        }
        let command = line.split([' ', ':']).next().unwrap_or_default();
        let answer = match command {
            command if !at.is_empty() && command == at => reply,
            "EHLO" => "250-ready\r\n250 AUTH PLAIN",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        in_mail = answer.starts_with("354");
        if answer.is_empty() || writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            break;
        }
    }
    heard
}
