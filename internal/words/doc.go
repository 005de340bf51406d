// Package words puts numbers, names and places into the English of messages,
// and keeps a message as a Sentence where somebody may read it in another
// language, which internal/lang has.
package words
