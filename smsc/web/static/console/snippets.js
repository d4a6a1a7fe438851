// How to send the first message, with the ports and names of this server, for the clients that people have.
const FROM = "4790000001";
const TO = "4790000002";

/** Client -> its lines and a remark; `smpp` and `http` are addresses, `password` a handset's. */
export function snippets({ host, port, http, password }) {
  return [
    ["smsc", "smsc", `smsc listen ${TO} --host ${host} --smpp-port ${port} &
smsc send --host ${host} --smpp-port ${port} --from ${FROM} --to ${TO} "Hei" --wait`, "The client that comes along."],
    ["curl", "curl", `curl -s ${http}/api/v1/messages \\
  -H 'content-type: application/json' \\
  -d '{"source": "${FROM}", "destination": "${TO}",
       "text": "Hei", "registered_delivery": 1}'`, "No SMPP at all: the message enters as if the phone had sent it."],
    ["python", "Python", `# pip install smpplib
import smpplib.client

client = smpplib.client.Client("${host}", ${port})
client.connect()
client.bind_transceiver(system_id="${FROM}", password="${password}")
client.send_message(
    destination_addr="${TO}",
    short_message=b"Hei",
    registered_delivery=1,   # asks for a receipt
)
client.listen()              # the receipt comes here`, "smpplib 2.2 as it comes."],
    ["java", "Java", `// com.cloudhopper:ch-smpp:5.0.9
var config = new SmppSessionConfiguration(SmppBindType.TRANSCEIVER, "${FROM}", "${password}");
config.setHost("${host}");
config.setPort(${port});
var session = new DefaultSmppClient().bind(config);
var submit = new SubmitSm();
submit.setSourceAddress(new Address((byte) 1, (byte) 1, "${FROM}"));
submit.setDestAddress(new Address((byte) 1, (byte) 1, "${TO}"));
submit.setShortMessage("Hei".getBytes(StandardCharsets.US_ASCII));
submit.setRegisteredDelivery((byte) 1);
System.out.println(session.submit(submit, 5000).getMessageId());`, "Cloudhopper 5."],
    ["node", "Node", `// npm install smpp
const smpp = require("smpp");
const session = smpp.connect({ url: "smpp://${host}:${port}" }, () => {
  session.bind_transceiver({ system_id: "${FROM}", password: "${password}" }, () => {
    session.submit_sm({ source_addr: "${FROM}", destination_addr: "${TO}", short_message: "Hei" },
      (answer) => console.log(answer.message_id));
  });
});`, "node-smpp 0.6."],
    ["kannel", "Kannel", `group = smsc
smsc = smpp
smsc-id = emulator
host = ${host}
port = ${port}
smsc-username = ${FROM}
smsc-password = ${password}
system-type = ""
transceiver-mode = true`, "A group for kannel.conf."],
  ];
}

export const TEST = `def test_no_coverage(smsc):
    ola = smsc.handset("${TO}").listen().enter("laerdal-tunnel")
    smsc.send("${FROM}", "${TO}", "Hei")
    smsc.clock.advance("2h")
    assert ola.received() == []
    ola.leave().expect_message("Hei")`;
