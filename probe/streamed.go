package probe

import "sync"

// Streamed is a matrix (N, cols) whose rows stay on a disk but for their first
// values, head (N, d): read fills into with a whole row, and is called by
// several goroutines at once. Row gives a copy, read anew each time; Take keeps
// rows where they are; Data is nil. A row that cannot be read is zeros, and Err
// says so from then on: whoever has used the matrix asks.
func Streamed(head Matrix, cols int, read func(row int, into []float32) error) Matrix {
	return Matrix{Rows: head.Rows, Cols: cols, stream: &stream{head: head, read: read}, at: allRows(head.Rows)}
}

// stream is where the rows of a matrix are, and the first error in reading them.
type stream struct {
	head Matrix
	read func(row int, into []float32) error

	mu  sync.Mutex
	err error
}

func (s *stream) row(i, cols int) []float32 {
	out := make([]float32, cols)
	if err := s.read(i, out); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err == nil {
			s.err = err
		}
		clear(out)
	}
	return out
}

// Err is the first error in reading the rows of a matrix that are on a disk.
func (m Matrix) Err() error {
	if m.stream == nil {
		return nil
	}
	m.stream.mu.Lock()
	defer m.stream.mu.Unlock()
	return m.stream.err
}

// Head returns the first n values of row i, without reading the rest where
// they are held.
func (m Matrix) Head(i, n int) []float32 {
	if m.stream != nil && n <= m.stream.head.Cols {
		return m.stream.head.Row(m.at[i])[:n:n]
	}
	return m.Row(i)[:n:n]
}

// Block returns n rows from a first one in memory: the matrix's own, or read.
func (m Matrix) Block(first, n int) Matrix {
	if m.stream == nil {
		return Matrix{Rows: n, Cols: m.Cols, Data: m.Data[first*m.Cols : (first+n)*m.Cols]}
	}
	out := NewMatrix(n, m.Cols)
	for i := range n {
		copy(out.Row(i), m.Row(first+i))
	}
	return out
}
