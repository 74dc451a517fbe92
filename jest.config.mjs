/** Unit tests are *.test.ts; those that start real binaries are *.integration.test.ts; whole-fleet runs are *.e2e.test.ts. test/run.ts picks one kind at a time. */
const swc = ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } }];
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': swc },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  watchman: false,
};
