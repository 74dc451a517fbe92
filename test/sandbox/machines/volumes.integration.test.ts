/** Volumes of simulated servers, of root. */
import { jest } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { volumeCases } from './volume-cases.ts';

jest.setTimeout(120_000);

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'volumes of simulated servers', () => {
  volumeCases();
});
