//! The server loop of rusmpp's own example, on a TCP socket: a Framed codec, one answer for each command.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{SinkExt, StreamExt};
use rusmpp::{
    Command, CommandStatus, Pdu,
    pdus::{BindReceiverResp, BindTransceiverResp, BindTransmitterResp, SubmitSmResp},
    tokio_codec::CommandCodec,
    types::COctetString,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::Framed;

async fn serve(stream: TcpStream, number: Arc<AtomicU64>) {
    let mut framed = Framed::new(stream, CommandCodec::new());
    while let Some(Ok(command)) = framed.next().await {
        let mut last = false;
        let pdu = match command.pdu() {
            Some(Pdu::SubmitSm(_)) => {
                let id = (number.fetch_add(1, Ordering::Relaxed) + 1).to_string();
                SubmitSmResp::new(COctetString::from_str(&id).unwrap(), vec![]).into()
            }
            Some(Pdu::BindTransceiver(_)) => BindTransceiverResp::default().into(),
            Some(Pdu::BindTransmitter(_)) => BindTransmitterResp::default().into(),
            Some(Pdu::BindReceiver(_)) => BindReceiverResp::default().into(),
            Some(Pdu::EnquireLink) => Pdu::EnquireLinkResp,
            Some(Pdu::Unbind) => {
                last = true;
                Pdu::UnbindResp
            }
            _ => continue,
        };
        let response = Command::new(CommandStatus::EsmeRok, command.sequence_number(), pdu);
        if framed.send(response).await.is_err() || last {
            return;
        }
    }
}

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).expect("port");
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await.expect("listen");
    println!("ready smpp=127.0.0.1:{port}");
    let number = Arc::new(AtomicU64::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        tokio::spawn(serve(stream, number.clone()));
    }
}
