// Hears bare letters as register codes. A letter that begins a code of two signs waits for the other.

const PAUSE_MS = 800;

export class LetterKeys {
  constructor(codes, { chosen, unknown }) {
    this.codes = new Set(codes);
    this.starts = new Set(codes.filter((code) => code.length > 1).map((code) => code[0]));
    this.chosen = chosen;
    this.unknown = unknown;
    this.first = "";
    this.timer = 0;
  }

  /** Take one key; true when it was meant as a code, or as part of one. */
  hear(key, repeated) {
    const sign = key.toUpperCase();
    const meant = this.first ? /^[A-Z0-9]$/ : /^[A-Z]$/;
    if (!meant.test(sign)) {
      this.forget();
      return false;
    }
    if (repeated) return true; // a key held down is pressed once
    const before = this.first;
    this.forget();
    if (before && this.codes.has(before + sign)) {
      this.chosen(before + sign);
    } else if (before) {
      this.unknown(before + sign);
    } else if (this.starts.has(sign)) {
      this.first = sign;
      this.timer = setTimeout(() => this.settle(), PAUSE_MS);
    } else {
      this.decide(sign);
    }
    return true;
  }

  forget() {
    clearTimeout(this.timer);
    this.first = "";
  }

  settle() {
    const sign = this.first;
    this.forget();
    this.decide(sign);
  }

  decide(sign) {
    if (this.codes.has(sign)) this.chosen(sign);
    else this.unknown(sign);
  }
}
