"""The agencies' databases, behind one port: whoever asks a source anything asks `of(source, settings)`.

values      what is told about a database, whatever its kind
port        what can be asked of it
secret      the password, from its file
kinds       which kinds there are; nobody else asks for one
postgresql  the first kind
mariadb     the second
"""
