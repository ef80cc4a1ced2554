// ndarray's views without code that is made of text, which the viewer's policy forbids: prepare.mjs puts it in the place of
// ndarray's own compileConstructor. Segmentations are turned and mirrored by it.
function compileConstructor(dtype, dimension) {
  const generic = dtype === 'generic';
  function View(data, shape, stride, offset) {
    this.data = data;
    this.shape = Array.from(shape);
    this.stride = Array.from(stride);
    this.offset = offset | 0;
  }
  const view = (data, shape, stride, offset) => new View(data, shape ?? [], stride ?? [], offset);
  Object.assign(View.prototype, {
    dtype,
    dimension,
    index(...at) {
      let index = this.offset;
      for (let d = 0; d < at.length; d++) index += this.stride[d] * at[d];
      return index;
    },
    get(...at) {
      const index = this.index(...at);
      return generic ? this.data.get(index) : this.data[index];
    },
    set(...at) {
      const value = at.pop(), index = this.index(...at);
      return generic ? this.data.set(index, value) : (this.data[index] = value);
    },
    hi(...at) {
      return view(this.data, this.shape.map((size, d) => (at[d] >= 0 ? at[d] | 0 : size)), this.stride, this.offset);
    },
    lo(...at) {
      const from = this.shape.map((_, d) => (at[d] >= 0 ? at[d] | 0 : 0));
      return view(this.data, this.shape.map((size, d) => size - from[d]), this.stride, this.index(...from));
    },
    step(...by) {
      const step = this.shape.map((_, d) => (typeof by[d] === 'number' ? by[d] | 0 : 1));
      const first = this.shape.map((size, d) => (step[d] < 0 ? size - 1 : 0));
      return view(this.data, this.shape.map((size, d) => Math.ceil(size / Math.abs(step[d]))), this.stride.map((stride, d) => stride * step[d]), this.index(...first));
    },
    transpose(...to) {
      const from = this.shape.map((_, d) => to[d] ?? d);
      return view(this.data, from.map((d) => this.shape[d]), from.map((d) => this.stride[d]), this.offset);
    },
    pick(...at) {
      const free = this.shape.map((_, d) => d).filter((d) => !(at[d] >= 0));
      return wrappedNDArrayCtor(this.data, free.map((d) => this.shape[d]), free.map((d) => this.stride[d]), this.index(...this.shape.map((_, d) => (at[d] >= 0 ? at[d] | 0 : 0))));
    },
  });
  Object.defineProperties(View.prototype, {
    size: { get() { return this.shape.reduce((product, size) => product * size, 1); } },
    order: { get() { return this.stride.map((_, d) => d).sort((a, b) => Math.abs(this.stride[a]) - Math.abs(this.stride[b])); } },
  });
  return view;
}
