// Added to the builder's own settings: TypeScript with its types taken off, no module of it run for its effects alone (so that what display
// draws with comes without what checks inputs), and the small build of 3Dmol.
module.exports = {
  resolve: { alias: { "3dmol$": require.resolve("3dmol/build/3Dmol.es6-min.js") } },
  module: {
    rules: [
      {
        test: /\.ts$/,
        loader: "builtin:swc-loader",
        options: { jsc: { parser: { syntax: "typescript" }, target: "es2022" } },
        type: "javascript/auto",
        sideEffects: false,
      },
    ],
  },
};
