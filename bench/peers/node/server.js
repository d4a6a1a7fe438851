// The server of node-smpp's own documentation: answers binds and every submit_sm.
const smpp = require('smpp');

let number = 0;
const server = smpp.createServer((session) => {
  for (const bind of ['bind_transceiver', 'bind_transmitter', 'bind_receiver']) {
    session.on(bind, (pdu) => session.send(pdu.response()));
  }
  session.on('submit_sm', (pdu) => session.send(pdu.response({ message_id: String(++number) })));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('error', () => {});
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`ready smpp=127.0.0.1:${process.argv[2]}`));
