/** The same faults in a world of a user without any rights. */
import { jest } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { NobodysMachine } from '../world/nobodys-machine.ts';
import { faultCases } from './fault-cases.ts';

jest.setTimeout(240_000);

describeWith({ root: true, userNamespaces: true, commands: ['ip', 'nft', 'nsenter', 'unshare', 'pgrep', 'setpriv'], tools: ['one-user', 'packet-delay'] }, 'faults without root', () => {
  faultCases(new NobodysMachine(`/tmp/keelson-test-nobodys-faults-${process.pid}`));
});
