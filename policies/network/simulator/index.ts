/** The public face of the simulator; its words are in ../model.ts. */
export { createSimulator } from './simulator.ts';
