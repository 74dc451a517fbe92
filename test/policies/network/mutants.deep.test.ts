/** All cuts of both kinds of clusters. */
import './mutants.test.ts';
