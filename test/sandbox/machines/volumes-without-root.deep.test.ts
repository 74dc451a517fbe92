/** The same volumes in a user namespace of one user. */
import { jest } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { volumeCases } from './volume-cases.ts';

jest.setTimeout(240_000);

describeWith({ root: true, userNamespaces: true, commands: ['ip', 'nft', 'unshare', 'setpriv'], tools: ['one-user'] }, 'volumes of simulated servers without root', () => {
  volumeCases({ asNobody: true });
});
