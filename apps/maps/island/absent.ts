// Stands in the bundle for what the map does not use of the libraries.

function unused(): never {
  throw new Error("not part of this bundle");
}

export { unused as default, unused as namedFlavor, unused as PMTiles, unused as VectorTile };
