// Resolves an import by its text alone: where a path points decides its layer, even before that file is written.
const path = require('node:path');

const KNOWN_EXTENSION = /\.(ts|[cm]?js|json)$/;

module.exports = {
  interfaceVersion: 2,
  /** Whatever is not relative counts as a package, also our own `@app/<lib>`. */
  resolve(source, importer) {
    if (!source.startsWith('.')) return { found: false };
    const target = path.resolve(path.dirname(importer), source);
    if (/(^|\/)\.{0,2}$/.test(source)) return { found: true, path: path.join(target, 'index.ts') };
    return { found: true, path: KNOWN_EXTENSION.test(target) ? target : `${target}.ts` };
  },
};
