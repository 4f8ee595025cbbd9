// The logits of one position, the largest first, each with how many words it stands for: in a large vocabulary the best
// words stand for themselves, and of the others those that are nearly equal are one number.
import { floats } from "./numbers.js";

export class Spread {
  constructor({ logits, counts }) {
    this.logits = floats(logits);
    this.counts = counts && floats(counts);
    this.words = this.counts ? this.counts.reduce((a, b) => a + b, 0) : this.logits.length;
  }

  count(i) { return this.counts ? this.counts[i] : 1; }

  // The largest logit is taken away first, so that no exponential overflows, however cold it is.
  softmax(degree) {
    const { logits } = this, [largest] = logits;
    let total = 0, weighted = 0;
    for (let i = 0; i < logits.length; i++) {
      const x = (logits[i] - largest) / degree, e = this.count(i) * Math.exp(x);
      total += e;
      if (e) weighted += e * x;
    }
    return { share: (logit) => Math.exp((logit - largest) / degree) / total, entropy: Math.log(total) - weighted / total };
  }

  // What the n best words have together.
  sum(n, share) {
    let total = 0;
    for (let i = 0, left = n; left > 0 && i < this.logits.length; i++) {
      const taken = Math.min(left, this.count(i));
      total += taken * share(this.logits[i]);
      left -= taken;
    }
    return total;
  }

  // How many of the best words, `most` at most, reach p together.
  reach(p, most, share) {
    let n = 0, reached = 0;
    for (let i = 0; n < most && reached < p && i < this.logits.length; i++) {
      const one = share(this.logits[i]), taken = Math.min(this.count(i), most - n, Math.ceil((p - reached) / one));
      reached += taken * one;
      n += taken;
    }
    return n;
  }
}
