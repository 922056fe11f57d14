package io.sparkformer.model.kernel.cpu.memory;

import org.bytedeco.javacpp.Pointer;

/** A bare address for JavaCPP; it owns nothing. */
public final class Address extends Pointer {
  /** A pointer to this address. */
  public Address(long address) {
    this.address = address;
  }

  /** This pointer, at another address. */
  public Address at(long newAddress) {
    address = newAddress;
    return this;
  }
}
