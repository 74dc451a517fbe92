/** Faults in a world of root. */
import { jest } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { Machine } from '../world/machine.ts';
import { faultCases } from './fault-cases.ts';

jest.setTimeout(90_000);

describeWith({ root: true, commands: ['ip', 'nft', 'nsenter', 'unshare', 'pgrep', 'setpriv'], tools: ['packet-delay'] }, 'faults', () => {
  faultCases(new Machine(`/tmp/keelson-test-faults-${process.pid}`));
});
