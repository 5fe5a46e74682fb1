//! TLS, with certificates made here.

use std::sync::Mutex;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

/// An authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A server for a name, with a certificate of these years.
    fn serves(&self, name: &str, years: std::ops::Range<i32>) -> Server {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) =
            (date_time_ymd(years.start, 1, 1), date_time_ymd(years.end, 1, 1));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap().der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        let config = Arc::new(config);
        Server::start(move |stream| {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            if head(&mut stream).starts_with("GET /") {
                reply(&mut stream, "200 OK", "", "hello");
            }
            stream.conn.send_close_notify();
            let _ = stream.flush();
        })
    }
}

fn trusting(trust: Trust, server: &Server) -> Result<(u16, String), Error> {
    let url = format!("https://localhost:{}/keys", server.port());
    ask(&line(Outbound { trust, proxy: None }, &url), &url)
}

#[test]
fn a_server_is_believed_by_its_certificate_alone() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let good = ours.serves("localhost", 2020..4000);
    assert_eq!(trusting(Trust::Only(ours.pem()), &good), Ok((200, "hello".into())));
    assert_eq!(trusting(Trust::PlatformAnd(ours.pem()), &good), Ok((200, "hello".into())));
    let bundle = [other.pem(), ours.pem()].concat();
    assert_eq!(trusting(Trust::Only(bundle), &good), Ok((200, "hello".into())));
    for (server, trust, reason) in [
        (&good, Trust::Only(other.pem()), "authority that is not trusted"),
        (&good, Trust::PlatformAnd(other.pem()), "authority that is not trusted"),
        (&good, Trust::Platform, "authority that is not trusted"),
        (&ours.serves("localhost", 2010..2020), Trust::Only(ours.pem()), "has expired"),
        (&ours.serves("localhost", 3000..4000), Trust::Only(ours.pem()), "is not valid yet"),
        (&ours.serves("other.example.com", 2020..4000), Trust::Only(ours.pem()), "is for another name"),
        (&ours.serves("localhost", 2010..2020), Trust::PlatformAnd(ours.pem()), "has expired"),
        (&ours.serves("other.example.com", 2020..4000), Trust::PlatformAnd(ours.pem()), "another name"),
    ] {
        let refused = trusting(trust, server).unwrap_err();
        assert!(
            matches!(refused, Error::Certificate(_)) && refused.to_string().contains(reason),
            "{refused}"
        );
    }
}

#[test]
fn nothing_below_tls_1_2_is_spoken() {
    // What a server says that knows TLS 1.1 at most: a ServerHello of that version, and a suite of its time.
    let mut hello = vec![2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x14, 0]);
    let mut record = vec![22, 3, 2, 0, 42];
    record.extend(hello);
    let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
    let theirs = Arc::clone(&seen);
    let old = Server::start(move |mut stream| {
        let mut start = [0; 5];
        stream.read_exact(&mut start).unwrap();
        let mut rest = vec![0; usize::from(u16::from_be_bytes([start[3], start[4]]))];
        stream.read_exact(&mut rest).unwrap();
        stream.write_all(&record).unwrap();
        stream.read_to_end(&mut theirs.lock().unwrap()).unwrap();
    });
    assert_eq!(trusting(Trust::Platform, &old), Err(Error::Tls));
    drop(old);
    // Fatal: protocol_version (RFC 8446 section 6).
    assert_eq!(seen.lock().unwrap()[5..], [2, 70]);
}

#[test]
fn a_server_that_speaks_no_tls_is_no_server() {
    let plain = Server::start(|mut stream| reply(&mut stream, "200 OK", "", "hello"));
    assert_eq!(trusting(Trust::Platform, &plain), Err(Error::Tls));
}

#[test]
fn only_certificates_can_vouch() {
    let ours = Authority::new("ours");
    Trust::read(&ours.pem()).unwrap();
    let cut = ours.pem().split_last().unwrap().1[..200].to_vec();
    let no_certificate = b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n".to_vec();
    for wrong in [Vec::new(), b"hello".to_vec(), cut, no_certificate] {
        assert_eq!(Trust::read(&wrong), Err(Error::Authorities), "{}", String::from_utf8_lossy(&wrong));
    }
}
