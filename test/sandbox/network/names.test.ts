import fc from 'fast-check';
import { bridgeName, derivedMac, gatewayTapName, routerDevice, tapName } from '../../../sandbox/network/names.ts';

test('names follow from the id by the rule that the machines room uses as well', () => {
  expect(bridgeName('3f2a9c1e-77b0-4c1d-9e88-0123456789ab')).toBe('br3f2a9c1e77b');
  expect(tapName('3f2a9c1e-77b0-4c1d-9e88-0123456789ab')).toBe('tap3f2a9c1e77b');
});

test('every name fits an interface of Linux, and every MAC is one of a single, locally administered device', () => {
  fc.assert(fc.property(fc.uuid(), (id) => {
    for (const name of [bridgeName(id), tapName(id), gatewayTapName(id), routerDevice(id)]) {
      expect(name).toMatch(/^[a-z]+[0-9a-f]{11}$/);
      expect(name.length).toBeLessThanOrEqual(15);
    }
    expect(derivedMac(id)).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    expect(Number.parseInt(derivedMac(id).slice(0, 2), 16) & 3).toBe(2);
  }));
});
