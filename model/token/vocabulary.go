package token

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
)

// published is OpenAI CLIP's bpe_simple_vocab_16e6.txt.gz, byte for byte.
//
//go:embed bpe_simple_vocab_16e6.txt.gz
var published []byte

// Digest is the SHA-256 of the published merges, in hexadecimal: it names what
// texts become.
func Digest() string {
	sum := sha256.Sum256(published)
	return hex.EncodeToString(sum[:])
}

// merges is how many of the file's 262,144 merges CLIP uses: what is left of
// a vocabulary of 48 × 1024 + 256 after bytes and marks.
const merges = 49152 - 256 - 2

// wordEnd follows the last byte of every word in the merges file.
const wordEnd = "</w>"

// vocabulary holds the symbols: 0..255 a byte, 256..511 a byte that ends a
// word, 512+r the result of merge r.
type vocabulary struct {
	symbol [256]int32       // symbol of a byte
	rank   map[uint64]int32 // merge rank of a pair of neighbours; a lower one is merged first
}

func pair(left, right int32) uint64 { return uint64(left)<<32 | uint64(uint32(right)) }

// readVocabulary parses a gzip file of merges, one "left right" a line after
// a version line.
func readVocabulary(file []byte) (*vocabulary, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("token: open merges: %w", err)
	}
	lines := bufio.NewScanner(z)
	lines.Scan() // the version

	v := &vocabulary{rank: make(map[uint64]int32, merges)}
	symbols := v.nameBytes()
	for r := range int32(merges) {
		if !lines.Scan() {
			return nil, fmt.Errorf("token: read merges: %d of %d: %w", r, merges, orShort(lines.Err()))
		}
		left, right, _ := strings.Cut(lines.Text(), " ")
		a, known := symbols[left]
		b, alsoKnown := symbols[right]
		// Every symbol is made by one merge, and made before it is used. The
		// order of merging in appendWord rests on that.
		if _, made := symbols[left+right]; !known || !alsoKnown || made {
			return nil, fmt.Errorf("token: read merges: merge %d, %q, does not build on earlier ones", r, lines.Text())
		}
		symbols[left+right] = 512 + r
		v.rank[pair(a, b)] = r
	}
	return v, nil
}

func orShort(err error) error {
	if err == nil {
		return fmt.Errorf("the file is too short")
	}
	return err
}

// nameBytes numbers the bytes and returns the name each goes by in the merges
// file: printable Latin-1 as it is, and the rest, in order, from U+0100 on.
// Symbols are numbered in that order too: first the printable ones.
func (v *vocabulary) nameBytes() map[string]int32 {
	symbols := make(map[string]int32, 512+merges)
	var next int32
	name := func(b byte, r rune) {
		v.symbol[b] = next
		symbols[string(r)] = next
		symbols[string(r)+wordEnd] = 256 + next
		next++
	}
	printable := func(b int) bool { return '!' <= b && b <= '~' || 0xA1 <= b && b <= 0xFF && b != 0xAD }
	for b := range 256 {
		if printable(b) {
			name(byte(b), rune(b))
		}
	}
	renamed := rune(0x100)
	for b := range 256 {
		if !printable(b) {
			name(byte(b), renamed)
			renamed++
		}
	}
	return symbols
}
