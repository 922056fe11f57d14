package io.sparkformer.model.kernel.cuda.array;

import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A flat array of the host and memory for it on a device, element by element. The host's is page-locked as long as the heap is there, so
 * that copies go on beside other work: who copies must wait before the host's values are read or changed.
 */
final class Mirror {
  private final Place place;
  private final long address;

  Mirror(INDArray host, DeviceHeap heap) {
    this.place = Place.of(host);
    this.address = heap.take(place.bytes());
    heap.lockPages(host, place.pointer(), place.bytes());
  }

  Place place() {
    return place;
  }

  /** Of an element on the device. */
  long addressOf(Place part) {
    return address + part.address() - place.address();
  }

  void upload(Queue queue, Place part) {
    queue.upload(part.pointer(), addressOf(part), part.bytes());
  }

  void download(Queue queue, Place part) {
    queue.download(addressOf(part), part.pointer(), part.bytes());
  }
}
