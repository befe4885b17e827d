//! chromedriver as a child process, and as much of HTTP as it takes to talk to it.

use std::io::{BufRead, BufReader, Read, Write, copy, sink};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::spawn;
use std::time::Duration;

use serde_json::{Value, json};

/// Where Debian's packages of one version put the two.
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";
pub const CHROMIUM: &str = "/usr/bin/chromium";

/// A chromedriver with one session, which is one browser. Both end when it is dropped.
pub struct Driver {
    child: Child,
    port: u16,
    session: String,
}

impl Driver {
    /// A new browser with these capabilities that leaves its files in a folder; none where there is no chromedriver.
    pub fn start(capabilities: Value, folder: &Path) -> Option<Driver> {
        if !Path::new(CHROMEDRIVER).exists() {
            return None;
        }
        // Port 0 lets it choose a free one. One chosen here could be taken by another test before it starts.
        let mut command = Command::new(CHROMEDRIVER);
        command
            .arg("--port=0")
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut driver = Driver { child, port: 0, session: String::new() };
        while driver.port == 0 {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "chromedriver ended and named no port");
            let port = line.trim().trim_end_matches('.').rsplit_once("successfully on port ");
            driver.port = port.map_or(0, |(_, port)| port.parse().unwrap());
        }
        // What it says later is read, or it would stop at a full pipe.
        spawn(move || copy(&mut said, &mut sink()));
        let wanted = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let session = driver.ask("POST", "/session", Some(&wanted)).unwrap_or_else(|error| panic!("{error}"));
        driver.session = session["sessionId"].as_str().unwrap().to_owned();
        Some(driver)
    }

    /// Gives a command of the session, and its answer.
    pub fn post(&self, command: &str, body: &Value) -> Value {
        self.command("POST", command, Some(body))
    }

    /// Asks the session for something.
    pub fn get(&self, command: &str) -> Value {
        self.command("GET", command, None)
    }

    fn command(&self, method: &str, command: &str, body: Option<&Value>) -> Value {
        let path = format!("/session/{}/{command}", self.session);
        self.ask(method, &path, body).unwrap_or_else(|error| {
            // A script may be the whole of a library.
            let body: String = body.map(Value::to_string).unwrap_or_default().chars().take(500).collect();
            panic!("{command} {body}: {error}")
        })
    }

    /// One request and the value of its answer, or what went wrong.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = exchange(self.port, method, path, &body).map_err(|error| error.to_string())?;
        let mut answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        let value = answer["value"].take();
        if value["error"].is_string() && value["stacktrace"].is_string() {
            return Err(format!("{}: {}", value["error"], value["message"]));
        }
        Ok(value)
    }
}

impl Drop for Driver {
    /// The session first, and Chromium with it: it would outlive a driver that is killed. A test may be failing, so
    /// nothing here may panic.
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.ask("DELETE", &format!("/session/{}", self.session), None);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request to this machine and gives the body of the answer.
fn exchange(port: u16, method: &str, path: &str, body: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(180)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    // The driver may keep the line open: what is announced is read, and no more.
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok(body)
}

/// The bytes of a text in Base64, which is how files come in JSON.
pub fn from_base64(text: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.as_str().unwrap().bytes().filter(|&letter| letter != b'=') {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => panic!("{letter} is no letter of Base64"),
        };
        held = held << 6 & 0xFFFF | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xFF) as u8);
        }
    }
    bytes
}
