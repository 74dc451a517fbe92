/** The container runtime as root. */
import { jest } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { runtimeContract } from './runtime-contract.ts';
import { RuntimeLab } from './runtime-lab.ts';

jest.setTimeout(90_000);

describeWith({ root: true, commands: ['ip', 'nft', 'unshare', 'setpriv'], tools: ['kubectl'] }, 'the container runtime', () => {
  runtimeContract(new RuntimeLab());
});
