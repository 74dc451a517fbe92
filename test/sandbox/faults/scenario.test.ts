import { readScenario } from '../../../sandbox/faults/scenario.ts';

const whole = `
name: a zone is lost
steps:
  - break: {what: zone, target: az1}
    as: zone
  - at: 10s
    expect: {cluster: demo, readyNodes: 2}
    within: 2m
  - at: 2m
    heal: zone
  - at: 2m
    expect: {page: NodeNotReady, state: resolved}
    for: 5s
`;

test('a timeline is read with its times in seconds and its defaults', () => {
  expect(readScenario(whole, 'zone.yaml')).toEqual({
    name: 'a zone is lost',
    steps: [
      { at: 0, break: { what: 'zone', target: 'az1' }, as: 'zone', within: 60, for: 0 },
      { at: 10, expect: { cluster: 'demo', readyNodes: 2, state: 'firing', exitCode: 0 }, within: 120, for: 0 },
      { at: 120, heal: 'zone', within: 60, for: 0 },
      { at: 120, expect: { page: 'NodeNotReady', state: 'resolved', exitCode: 0 }, within: 60, for: 5 },
    ],
  });
});

test.each([
  ['a key of a step', 'name: x\nsteps: [{brake: {what: zone, target: az1}}]', /steps\.0\.brake: unknown key; did you mean break\? known are at, break, as, heal, expect, within, for/],
  ['a key of a fault', 'name: x\nsteps: [{break: {what: mtu, target: w1, byte: 1300}}]', /steps\.0\.break\.byte: unknown key; did you mean bytes\? known are what, target, bytes, forSeconds/],
  ['a key of an expectation', 'name: x\nsteps: [{expect: {cluster: demo, readynode: 2}}]', /steps\.0\.expect\.readynode: unknown key; did you mean readyNodes\?/],
  ['a key that is like none', 'name: x\nsteps: [{xyzzy: 1}]', /steps\.0\.xyzzy: unknown key; known are at, break/],
  ['a time', 'name: x\nsteps: [{at: later, heal: all}]', /steps\.0\.at: time: "later" is no span of time/],
  ['two things in one step', 'name: x\nsteps: [{heal: all, expect: {page: X}}]', /steps\.0: has to have exactly one of break, heal, expect/],
  ['an order that goes back', 'name: x\nsteps: [{at: 10s, heal: all}, {at: 5s, heal: all}]', /steps\.1\.at: is before the step above/],
  ['a name that nothing has', 'name: x\nsteps: [{heal: zone}]', /steps\.0\.heal: nothing above is named zone; named are all/],
  ['an expectation of nothing', 'name: x\nsteps: [{expect: {cluster: demo}}]', /steps\.0\.expect: expects nothing/],
  ['an expectation of no cluster', 'name: x\nsteps: [{expect: {readyNodes: 3}}]', /need a cluster/],
  ['no YAML', 'name: [', /is not YAML/],
  ['no timeline', '', /zone\.yaml/],
])('%s that cannot be meant is named', (_what, text, message) => {
  expect(() => readScenario(text, 'zone.yaml')).toThrow(expect.objectContaining({ code: 'FAULT_BAD_SCENARIO', message: expect.stringMatching(message) as string }));
});
