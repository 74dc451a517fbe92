import { addressWith } from '../../../exporters/cert/sources/addresses.ts';

test.each([
  ['10.0.0.1:6443', '10.0.0.1:6443'],
  ['$(NODE_IP):6443', '10.0.0.7:6443'],
  ['$(SIX):6443', '[fd00::7]:6443'],
  ['api.$(ZONE).example:443', 'api.az1.example:443'],
])('%s is %s', (written, meant) => {
  expect(addressWith({ NODE_IP: '10.0.0.7', SIX: 'fd00::7', ZONE: 'az1' }, written)).toBe(meant);
});

test.each([[{}], [{ NODE_IP: '' }]])('a variable that is not set is named', (env) => {
  expect(() => addressWith(env, '$(NODE_IP):6443')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('has no NODE_IP') as unknown as string }));
});
