package io.sparkformer.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FloatRegionTest {

  @Test
  void newRegionIsZero() {
    assertThat(FloatRegion.allocate(1000).toArray()).hasSize(1000).containsOnly(0f);
    assertThat(FloatRegion.allocate(0).toArray()).isEmpty();
  }

  @Test
  void regionOfAnArrayIsTheArraysMemory() {
    INDArray array = Nd4j.arange(12).castTo(DataType.FLOAT).reshape(3, 4);
    FloatRegion region = FloatRegion.of(array);
    assertThat(region.toArray()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    region.write(5, new float[] {50, 60}, 2);
    assertThat(array.getFloat(1, 1)).isEqualTo(50f);
    assertThat(array.getFloat(1, 2)).isEqualTo(60f);
    array.putScalar(0, 3, -7);
    assertThat(region.at(3)).isEqualTo(-7f);
  }

  @Test
  void regionOfAViewBeginsWhereTheViewBegins() {
    INDArray flat = Nd4j.arange(100).castTo(DataType.FLOAT).reshape(1, 100);
    INDArray view = flat.get(NDArrayIndex.point(0), NDArrayIndex.interval(40, 60));
    INDArray viewOfView = view.get(NDArrayIndex.interval(5, 9)).reshape(2, 2);
    assertThat(FloatRegion.of(view).at(0)).isEqualTo(40f);
    assertThat(FloatRegion.of(view).length()).isEqualTo(20);
    FloatRegion inner = FloatRegion.of(viewOfView);
    assertThat(inner.toArray()).containsExactly(45, 46, 47, 48);
    inner.write(0, new float[] {-1}, 1);
    assertThat(flat.getFloat(0, 45)).isEqualTo(-1f);
  }

  @Test
  void rejectsArraysItCannotSee() {
    assertThatThrownBy(() -> FloatRegion.of(Nd4j.zeros(DataType.DOUBLE, 3)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("A flat array must hold float32 values, found DOUBLE");
    INDArray column = Nd4j.zeros(DataType.FLOAT, 4, 5).get(NDArrayIndex.all(), NDArrayIndex.interval(1, 3));
    assertThatThrownBy(() -> FloatRegion.of(column))
        .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("A flat array must be contiguous, found shape ");
  }

  @Test
  void slicesShareMemoryAndKnowTheirBounds() {
    FloatRegion whole = FloatRegion.copyOf(0, 1, 2, 3, 4, 5, 6, 7);
    FloatRegion slice = whole.slice(2, 7).slice(new FlatRange(1, 4));
    assertThat(slice.toArray()).containsExactly(3, 4, 5);
    slice.write(0, new float[] {9}, 1);
    assertThat(whole.at(3)).isEqualTo(9f);
    assertThatThrownBy(() -> slice.at(3)).isInstanceOf(IndexOutOfBoundsException.class).hasMessage("Elements [3, 4) of a region of 3");
    assertThatThrownBy(() -> slice.read(1, new float[8], 3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> slice.write(-1, new float[8], 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> whole.slice(6, 9)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void joinedRegionsAreOneAndShareTheirMemory() {
    FloatRegion first = FloatRegion.copyOf(0, 1, 2, 3, 4);
    FloatRegion second = FloatRegion.allocate(40, 3);
    FloatRegion joined = FloatRegion.join(first.slice(1, 4), FloatRegion.allocate(0), second, first.slice(4, 5));
    assertThat(joined.length()).isEqualTo(44);
    assertThat(joined.slice(0, 4).toArray()).containsExactly(1, 2, 3, 0);
    assertThat(joined.at(43)).isEqualTo(4f);
    float[] values = new float[44];
    for (int i = 0; i < values.length; i++) {
      values[i] = 100 + i;
    }
    joined.write(0, values, 44);
    assertThat(first.toArray()).containsExactly(0, 100, 101, 102, 143);
    assertThat(second.at(39)).isEqualTo(142f);
    assertThat(joined.slice(1, 44).slice(1, 20).toArray()).startsWith(102, 103, 104).endsWith(120);
    FloatRegion copy = FloatRegion.allocate(44);
    copy.copyFrom(joined);
    assertThat(copy.toArray()).isEqualTo(values);
    assertThat(joined.buffers().stream().mapToInt(ByteBuffer::remaining).sum()).isEqualTo(44 * Float.BYTES);
    assertThatThrownBy(() -> joined.at(44)).isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("Elements [44, 45) of a region of 44");
  }

  @Test
  void segmentBoundariesAreInvisible() {
    Random random = new Random(1);
    float[] values = new float[1000];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    FloatRegion segmented = FloatRegion.allocate(1000, 5);
    segmented.write(0, values, 1000);
    assertThat(segmented.toArray()).isEqualTo(values);
    float[] part = new float[100];
    segmented.slice(17, 900).read(3, part, 100);
    for (int i = 0; i < 100; i++) {
      assertThat(part[i]).isEqualTo(values[20 + i]);
    }
    FloatRegion copy = FloatRegion.allocate(883, 7);
    copy.copyFrom(segmented.slice(17, 900));
    FloatRegion back = FloatRegion.allocate(1000, 6);
    back.slice(100, 983).copyFrom(copy);
    assertThat(back.at(99)).isZero();
    assertThat(back.at(100)).isEqualTo(values[17]);
    assertThat(back.at(982)).isEqualTo(values[899]);
    int seen = 0;
    for (ByteBuffer buffer : segmented.slice(17, 900).buffers()) {
      while (buffer.hasRemaining()) {
        assertThat(buffer.getFloat()).isEqualTo(values[17 + seen++]);
      }
    }
    assertThat(seen).isEqualTo(883);
    assertThatThrownBy(() -> copy.copyFrom(back)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot copy 1000 floats into a region of 883");
  }
}
