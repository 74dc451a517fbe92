/** Opens one TCP connection (argv: address, port, file) and sends an HTTP request over it each time the file appears; the answer's body goes to <file>.answer. */
import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const [address = '', port = '', file = ''] = process.argv.slice(2);
const socket = connect(Number(port), address, () => { console.log('up'); });
socket.on('error', () => undefined).on('data', (data) => { writeFileSync(`${file}.answer`, String(data).split('\r\n\r\n')[1] ?? ''); });
setInterval(() => {
  if (!existsSync(file)) return;
  unlinkSync(file);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
}, 20);
