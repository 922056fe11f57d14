package io.sparkformer.data.tokenizer;
