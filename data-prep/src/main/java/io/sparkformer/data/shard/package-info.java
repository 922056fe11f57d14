package io.sparkformer.data.shard;
