# SPDX-License-Identifier: Apache-2.0
# SQLAlchemy on sqlite: an ORM session, relationships, transactions, events, raw SQL.
from sqlalchemy import *
from sqlalchemy import event
from sqlalchemy.orm import declarative_base, relationship, Session, selectinload, joinedload, backref
from sqlalchemy.exc import IntegrityError, NoResultFound
import datetime, decimal
Base = declarative_base()
link = Table('link', Base.metadata, Column('post', ForeignKey('post.id'), primary_key=True), Column('tag', ForeignKey('tag.id'), primary_key=True))
class Author(Base):
    __tablename__ = 'author'
    id = Column(Integer, primary_key=True)
    name = Column(String(20), unique=True, nullable=False)
    kind = Column(String)
    __mapper_args__ = {'polymorphic_on': kind, 'polymorphic_identity': 'plain'}
class Editor(Author):
    level = Column(Integer)
    __mapper_args__ = {'polymorphic_identity': 'editor'}
class Tag(Base):
    __tablename__ = 'tag'
    id = Column(Integer, primary_key=True); word = Column(String)
class Post(Base):
    __tablename__ = 'post'
    id = Column(Integer, primary_key=True); title = Column(String); when = Column(DateTime); price = Column(Float); data = Column(JSON); body = Column(LargeBinary)
    author_id = Column(ForeignKey('author.id'))
    author = relationship(Author, backref=backref('posts', cascade='all, delete-orphan', order_by='Post.title'))
    tags = relationship(Tag, secondary=link, order_by=Tag.word)
engine = create_engine('sqlite://')
log = []
event.listen(engine, 'before_cursor_execute', lambda conn, cursor, statement, parameters, context, many: log.append((' '.join(statement.split()), parameters)))
Base.metadata.create_all(engine)
with Session(engine) as s:
    tags = [Tag(word=w) for w in ('red', 'green', 'blue')]
    ann, bob = Author(name='Ann'), Editor(name='Bob', level=3)
    for i in range(12): (ann if i % 3 else bob).posts.append(Post(title=f'post {i:02}', when=datetime.datetime(2020, 1, 1 + i, 12, 30, 0, 5), price=i / 4, data={'n': [i, None, 'ü']}, body=bytes([i, 255]), tags=tags[:i % 4]))
    s.add_all([ann, bob]); s.commit()
    print(ann.id, bob.id, [p.title for p in bob.posts], s.get(Author, 1) is ann)
    print(s.execute(select(Author.name, func.count(Post.id), func.sum(Post.price)).join(Post).group_by(Author.name).order_by(Author.name)).all())
    for p in s.scalars(select(Post).options(selectinload(Post.tags), joinedload(Post.author)).where(Post.price > 1.5).order_by(Post.id)).unique(): print(p.id, p.title, p.when, p.price, p.data, p.body, p.author.name, type(p.author).__name__, [t.word for t in p.tags])
    print(s.query(Post).filter(Post.title.contains('1')).order_by(Post.id.desc()).limit(3).offset(1).count(), s.query(Tag).join(link).join(Post).filter(Post.id == 4).all() == tags)
    bob.posts[0].title = 'changed'; del bob.posts[1]; s.flush(); print(s.query(Post).count(), s.dirty, s.new)
    s.rollback(); print(bob.posts[0].title, s.query(Post).count())
    s.add(Author(name='Ann'))
    try: s.commit()
    except IntegrityError as e: print(type(e.orig).__name__, e.orig, e.params); s.rollback()
    try: s.execute(select(Author).where(Author.id == 99)).scalar_one()
    except NoResultFound as e: print(e)
    with s.begin_nested(): s.execute(update(Post).where(Post.id < 4).values(price=Post.price + 10))
    print(s.execute(text('SELECT id, price FROM post WHERE price > :p ORDER BY id'), {'p': 9}).mappings().all(), s.scalar(select(func.group_concat(Tag.word))))
    s.delete(bob); s.commit(); print(s.query(Post).count(), s.execute(select(func.count()).select_from(link)).scalar())
with engine.connect() as c:
    rows = c.execute(select(Post.__table__.c.id, Post.__table__.c.title)); print(rows.keys(), rows.fetchmany(2), rows.first())
print(inspect(engine).get_table_names(), [(c['name'], str(c['type'])) for c in inspect(engine).get_columns('post')], inspect(engine).get_foreign_keys('link'))
for row in log: print(row)
