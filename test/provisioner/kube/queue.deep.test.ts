import { queueProperty } from './queue-property.ts';

queueProperty(3000);
