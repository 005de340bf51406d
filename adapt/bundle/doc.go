// Package bundle keeps an adapted classifier and everything needed to use it
// on new videos in one file: the classifier, its classes, temperature and
// thresholds, how it was made, which model's embeddings it takes, and a sample
// of the embeddings it was made with, to compare later footage with.
//
// The file is safetensors: tensors, and one JSON text in the metadata. It is
// written whole or not at all. Reading is strict: a file that was not written
// here, or not left as written, is an error, and what is read back gives the
// same logits to the last bit. It holds no videos, file names or code.
package bundle
