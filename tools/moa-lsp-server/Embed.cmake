# Writes the bytes of INPUTS to OUTPUT as an initializer of C.
# usage: cmake -DINPUTS=FILE;... -DOUTPUT=FILE -P Embed.cmake
file(WRITE ${OUTPUT} "")
foreach(input ${INPUTS})
  file(READ ${input} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  file(APPEND ${OUTPUT} "${bytes}\n")
endforeach()
