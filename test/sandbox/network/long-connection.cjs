// Opens one TCP connection (argv: address, port, file) and sends an HTTP request over it each time the file appears; the answer's body goes to <file>.answer.
const { connect } = require('node:net');
const fs = require('node:fs');
const [address, port, file] = process.argv.slice(2);
const socket = connect(Number(port), address, () => console.log('up'));
socket.on('error', () => {}).on('data', (data) => fs.writeFileSync(`${file}.answer`, String(data).split('\r\n\r\n')[1]));
setInterval(() => {
  if (!fs.existsSync(file)) return;
  fs.unlinkSync(file);
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\n\r\n`);
}, 20);
