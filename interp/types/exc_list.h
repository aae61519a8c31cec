// SPDX-License-Identifier: Apache-2.0
// The built-in exceptions: name, base, doc. A base stands above what derives from it. Read by exc.h, exc_types.c and whoever fills builtins.
// ExceptionGroup, which has two bases, is made at start (exc_group.c).
#ifndef KRAIT_INTERP_TYPES_EXC_LIST_H
#define KRAIT_INTERP_TYPES_EXC_LIST_H

#define EXC_LIST(X) \
    X(BaseException, object, "Everything that can be raised derives from this.") \
    X(Exception, BaseException, "What a program may want to handle derives from this.") \
    X(GeneratorExit, BaseException, "The generator is being closed.") \
    X(KeyboardInterrupt, BaseException, "The user wants the program to stop.") \
    X(SystemExit, BaseException, "The program asks to end.") \
    X(BaseExceptionGroup, BaseException, "Several exceptions that belong together.") \
    X(ArithmeticError, Exception, "Errors of arithmetic derive from this.") \
    X(FloatingPointError, ArithmeticError, "Arithmetic on floats failed.") \
    X(OverflowError, ArithmeticError, "The result is too large for its type.") \
    X(ZeroDivisionError, ArithmeticError, "The divisor of a division or modulo is zero.") \
    X(AssertionError, Exception, "What was asserted does not hold.") \
    X(AttributeError, Exception, "The object has no such attribute.") \
    X(BufferError, Exception, "The buffer cannot do that now.") \
    X(EOFError, Exception, "The file ended before anything was read.") \
    X(ImportError, Exception, "A module, or a name in it, could not be imported.") \
    X(ModuleNotFoundError, ImportError, "There is no such module.") \
    X(LookupError, Exception, "Errors of keys and positions derive from this.") \
    X(IndexError, LookupError, "The position lies outside the sequence.") \
    X(KeyError, LookupError, "The mapping has no such key.") \
    X(MemoryError, Exception, "There is no memory left.") \
    X(NameError, Exception, "No variable of that name is known.") \
    X(UnboundLocalError, NameError, "A local variable was read before it was bound.") \
    X(OSError, Exception, "The operating system refused.") \
    X(BlockingIOError, OSError, "The operation would have to wait.") \
    X(ChildProcessError, OSError, "There is no such child process.") \
    X(ConnectionError, OSError, "Errors of connections derive from this.") \
    X(BrokenPipeError, ConnectionError, "Nobody reads at the other end.") \
    X(ConnectionAbortedError, ConnectionError, "The connection was given up.") \
    X(ConnectionRefusedError, ConnectionError, "The other end does not take connections.") \
    X(ConnectionResetError, ConnectionError, "The other end dropped the connection.") \
    X(FileExistsError, OSError, "The file is already there.") \
    X(FileNotFoundError, OSError, "There is no such file.") \
    X(InterruptedError, OSError, "A signal came in between.") \
    X(IsADirectoryError, OSError, "That does not work on a directory.") \
    X(NotADirectoryError, OSError, "That works on a directory only.") \
    X(PermissionError, OSError, "The permissions forbid it.") \
    X(ProcessLookupError, OSError, "There is no such process.") \
    X(TimeoutError, OSError, "The time allowed is over.") \
    X(ReferenceError, Exception, "The object behind a weak proxy is gone.") \
    X(RuntimeError, Exception, "An error that no other class describes.") \
    X(NotImplementedError, RuntimeError, "A method that a subclass has to write.") \
    X(RecursionError, RuntimeError, "Calls are nested too deeply.") \
    X(StopAsyncIteration, Exception, "An asynchronous iterator has nothing more to give.") \
    X(StopIteration, Exception, "An iterator has nothing more to give.") \
    X(SyntaxError, Exception, "The source is not valid Python.") \
    X(IndentationError, SyntaxError, "The indentation does not fit.") \
    X(TabError, IndentationError, "Tabs and spaces are mixed so that the indentation is unclear.") \
    X(SystemError, Exception, "The interpreter itself is in error.") \
    X(TypeError, Exception, "A value of this type cannot be used here.") \
    X(ValueError, Exception, "The type is right, the value is not.") \
    X(UnicodeError, ValueError, "Errors of text encodings derive from this.") \
    X(UnicodeDecodeError, UnicodeError, "Bytes that are not text in the given encoding.") \
    X(UnicodeEncodeError, UnicodeError, "A character that the encoding does not have.") \
    X(UnicodeTranslateError, UnicodeError, "A character that cannot be translated.") \
    X(Warning, Exception, "Categories of warnings derive from this.") \
    X(BytesWarning, Warning, "Bytes were taken for text, or the other way round.") \
    X(DeprecationWarning, Warning, "What was used will go away; said to developers.") \
    X(EncodingWarning, Warning, "A text encoding was left to chance.") \
    X(FutureWarning, Warning, "What was used will mean something else; said to users.") \
    X(ImportWarning, Warning, "Something about an import is probably wrong.") \
    X(PendingDeprecationWarning, Warning, "What was used will be deprecated.") \
    X(ResourceWarning, Warning, "A resource was not given back.") \
    X(RuntimeWarning, Warning, "Something at run time is dubious.") \
    X(SyntaxWarning, Warning, "Something in the source is dubious.") \
    X(UnicodeWarning, Warning, "Something about a text encoding is dubious.") \
    X(UserWarning, Warning, "A warning that a program gives.")

// Those of them that add nothing to their base: name, base.
#define EXC_PLAIN_LIST(X) \
    X(Exception, BaseException) \
    X(GeneratorExit, BaseException) \
    X(KeyboardInterrupt, BaseException) \
    X(ArithmeticError, Exception) \
    X(FloatingPointError, ArithmeticError) \
    X(OverflowError, ArithmeticError) \
    X(ZeroDivisionError, ArithmeticError) \
    X(AssertionError, Exception) \
    X(BufferError, Exception) \
    X(EOFError, Exception) \
    X(LookupError, Exception) \
    X(IndexError, LookupError) \
    X(MemoryError, Exception) \
    X(ReferenceError, Exception) \
    X(RuntimeError, Exception) \
    X(NotImplementedError, RuntimeError) \
    X(RecursionError, RuntimeError) \
    X(StopAsyncIteration, Exception) \
    X(SystemError, Exception) \
    X(TypeError, Exception) \
    X(ValueError, Exception) \
    X(UnicodeError, ValueError) \
    X(Warning, Exception) \
    X(BytesWarning, Warning) \
    X(DeprecationWarning, Warning) \
    X(EncodingWarning, Warning) \
    X(FutureWarning, Warning) \
    X(ImportWarning, Warning) \
    X(PendingDeprecationWarning, Warning) \
    X(ResourceWarning, Warning) \
    X(RuntimeWarning, Warning) \
    X(SyntaxWarning, Warning) \
    X(UnicodeWarning, Warning) \
    X(UserWarning, Warning)
// OSError and its kind: name, base; OSError itself stands in exc_os.c.
#define EXC_OS_LIST(X) \
    X(BlockingIOError, OSError) \
    X(ChildProcessError, OSError) \
    X(ConnectionError, OSError) \
    X(BrokenPipeError, ConnectionError) \
    X(ConnectionAbortedError, ConnectionError) \
    X(ConnectionRefusedError, ConnectionError) \
    X(ConnectionResetError, ConnectionError) \
    X(FileExistsError, OSError) \
    X(FileNotFoundError, OSError) \
    X(InterruptedError, OSError) \
    X(IsADirectoryError, OSError) \
    X(NotADirectoryError, OSError) \
    X(PermissionError, OSError) \
    X(ProcessLookupError, OSError) \
    X(TimeoutError, OSError)

#endif
