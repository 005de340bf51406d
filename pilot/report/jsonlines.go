package report

import "bytes"

// lineLength is how long a value of JSON may be to stand on one line.
const lineLength = 240

// layOut breaks compact JSON into lines: an object or a list that fits on one
// stays on one, so that tens of thousands of predictions take half the bytes
// and can be read, searched and compared line by line. The values and their
// order are those of src. Numbers are never side by side without a blank, which
// is how Verify tells them apart.
func layOut(src []byte) []byte {
	out := bytes.NewBuffer(make([]byte, 0, len(src)+len(src)/8))
	depth, lineEnd := 0, 0 // up to lineEnd, all is on one line
	next := func(i int) {
		if i < lineEnd {
			out.WriteByte(' ')
			return
		}
		out.WriteByte('\n')
		for range depth {
			out.WriteByte(' ')
		}
	}
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '"':
			end := endOfString(src, i)
			out.Write(src[i:end])
			i = end - 1
		case '{', '[':
			out.WriteByte(c)
			if i >= lineEnd {
				lineEnd = max(lineEnd, endOfShort(src, i))
			}
			if i >= lineEnd {
				depth++
				next(i)
			}
		case '}', ']':
			if i >= lineEnd {
				depth--
				next(i)
			}
			out.WriteByte(c)
		case ',':
			out.WriteByte(c)
			next(i)
		case ':':
			out.WriteString(": ")
		default:
			out.WriteByte(c)
		}
	}
	return out.Bytes()
}

// endOfString is where the string that begins at i is over.
func endOfString(src []byte, i int) int {
	for i++; src[i] != '"'; i++ {
		if src[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// endOfShort is where the object or list that begins at i is over, if it fits
// on a line, else 0.
func endOfShort(src []byte, i int) int {
	depth := 0
	for at := i; at < min(len(src), i+lineLength); {
		switch src[at] {
		case '"':
			at = endOfString(src, at)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
		at++
	}
	return 0
}
