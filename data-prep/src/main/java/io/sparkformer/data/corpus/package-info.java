package io.sparkformer.data.corpus;
