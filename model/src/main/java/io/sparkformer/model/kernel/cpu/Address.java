package io.sparkformer.model.kernel.cpu;

import org.bytedeco.javacpp.Pointer;

/** A bare address for JavaCPP; it owns nothing. */
final class Address extends Pointer {
  Address(long address) {
    this.address = address;
  }

  /** This pointer, at another address. */
  Address at(long newAddress) {
    address = newAddress;
    return this;
  }
}
