/** The same container runtime in a user namespace of one user, without control groups. */
import { jest } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { runtimeContract } from './runtime-contract.ts';
import { RuntimeLab } from './runtime-lab.ts';

jest.setTimeout(90_000);

describeWith({ root: true, userNamespaces: true, commands: ['ip', 'nft', 'unshare', 'setpriv'], tools: ['kubectl', 'one-user'] }, 'the container runtime without root', () => {
  runtimeContract(new RuntimeLab({ asNobody: true }));
});
